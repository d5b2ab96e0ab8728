//! Lets the faults that a request meets loose on its answer.

use std::time::Duration;

use super::{
    Kind, Met, Scene,
    page::{Page, edited},
};
use crate::{reply::Reply, wire::Fate};

/// What is left to do on the way out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Effects {
    /// Wait so long before the answer.
    pub delay: Duration,
    /// Wait so long before each byte of the body.
    pub drip: Option<Duration>,
    /// What becomes of the connection.
    pub fate: Fate,
}

/// Changes the answer, fault by fault. `before` is the page before this one, where there is one.
pub fn apply(met: &[Met], scene: &Scene, reply: &mut Reply, before: Option<&[u8]>) -> Effects {
    let mut effects = Effects::default();
    for one in met {
        let spec = &one.spec;
        let rows = spec.rows.as_deref();
        let part = || spec.bytes.unwrap_or(reply.body.len() / 2);
        match one.fault.kind {
            Kind::Row(edit) => on_page(reply, |page| page.change(rows, |row| edited(row, edit))),
            Kind::Bytes(edit) => on_page(reply, |page| page.change(rows, edit)),
            Kind::Page(edit) => on_page(reply, |page| edit(page, rows)),
            Kind::Neighbour => {
                let last = before.and_then(Page::read).and_then(|page| page.rows.last().cloned());
                if let Some(last) = last {
                    on_page(reply, |page| page.change(Some(rows.unwrap_or(&[0])), |_| last.clone()));
                }
            }
            Kind::Error(make) => *reply = make(one, scene),
            Kind::Missing(make) if reply.status == 404 => *reply = make(one, scene),
            Kind::Answer(change) => change(one, reply),
            Kind::Delay => effects.delay += Duration::from_millis(spec.millis),
            Kind::Drip => effects.drip = Some(Duration::from_millis(spec.millis)),
            Kind::Reset => effects.fate = Fate::Reset,
            Kind::Garbage => effects.fate = Fate::Garbage,
            Kind::HalfClose => effects.fate = Fate::HalfClose(part()),
            Kind::Truncate => effects.fate = Fate::Truncate(part()),
            // The question is changed before it is answered, the connection before it is taken.
            Kind::Missing(_) | Kind::Unfiltered | Kind::Accept => {}
        }
    }
    effects
}

fn on_page(reply: &mut Reply, change: impl FnOnce(&mut Page)) {
    if reply.status != 200 {
        return;
    }
    if let Some(mut page) = Page::read(&reply.body) {
        change(&mut page);
        reply.body = page.write();
    }
}
