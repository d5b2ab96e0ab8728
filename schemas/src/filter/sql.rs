//! A filter as a condition of Postgres over `dead_letter d`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Comparison, Filter, Pattern, Term};

/// A piece of a statement: text of it, or a value that is bound.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// Text of the statement.
    Sql(&'static str),
    /// A `text`.
    Text(&'a str),
    /// A `text[]`.
    Texts(Vec<&'a str>),
    /// A `bigint`.
    Int(i64),
    /// A `bigint[]`.
    Ints(&'a [i64]),
    /// A `timestamptz`.
    Instant(DateTime<Utc>),
    /// A `uuid`.
    Uuid(Uuid),
}

impl Filter {
    /// The condition, seen from `now`: the pieces in their order, to be pushed or bound one by one. `true` for an empty
    /// filter.
    pub fn sql(&self, now: DateTime<Utc>) -> Vec<Piece<'_>> {
        let mut pieces = vec![Piece::Sql("true")];
        let (of_fault, others): (Vec<_>, Vec<_>) = self.terms.iter().partition(|term| term.is_of_fault());
        for term in others {
            pieces.push(Piece::Sql(" and "));
            condition(term, now, &mut pieces);
        }
        if of_fault.is_empty() {
            return pieces;
        }
        pieces.push(Piece::Sql(" and exists (select from dead_letter_fault f"));
        if of_fault.iter().any(|term| matches!(term, Term::Path(_) | Term::Keyword(_))) {
            pieces.push(Piece::Sql(" join dead_letter_group g on g.grp = f.grp"));
        }
        pieces.push(Piece::Sql(" where f.item = d.item"));
        for term in of_fault {
            pieces.push(Piece::Sql(" and "));
            condition(term, now, &mut pieces);
        }
        pieces.push(Piece::Sql(")"));
        pieces
    }
}

fn condition<'a>(term: &'a Term, now: DateTime<Utc>, pieces: &mut Vec<Piece<'a>>) {
    use Piece::{Instant, Int, Ints, Sql, Text, Texts};
    let mut put = |made: [Piece<'a>; 3]| pieces.extend(made);
    match term {
        Term::State(states) => {
            let states = states.iter().map(|state| state.as_str()).collect();
            put([Sql("d.state = any("), Texts(states), Sql(")")]);
        }
        Term::Reason(reason) => put([Sql("d.reason = "), Text(reason.as_str()), Sql("")]),
        Term::Stage(stage) => put([Sql("d.stage = "), Text(stage.as_str()), Sql("")]),
        Term::Dataset(Pattern::Exact(dataset)) => put([Sql("d.dataset = "), Text(dataset), Sql("")]),
        Term::Dataset(Pattern::Prefix(begin)) => {
            put([Sql("starts_with(d.dataset, "), Text(begin), Sql(")")]);
        }
        Term::Path(Pattern::Exact(path)) => put([Sql("g.path = "), Text(path), Sql("")]),
        Term::Path(Pattern::Prefix(begin)) => put([Sql("starts_with(g.path, "), Text(begin), Sql(")")]),
        Term::Keyword(keyword) => put([Sql("g.keyword = "), Text(keyword), Sql("")]),
        Term::Group(groups) => put([Sql("f.grp = any("), Ints(groups), Sql(")")]),
        Term::Only => put([Sql("f.sole"), Sql(""), Sql("")]),
        Term::Run(run) => put([Sql("d.run = "), Piece::Uuid(*run), Sql("")]),
        Term::Page(page) => put([Sql("d.page = "), Int(*page), Sql("")]),
        Term::Source(source) => put([Sql("d.source = "), Text(source), Sql("")]),
        Term::Catalogue(catalogue) => put([Sql("d.catalogue = "), Text(catalogue.as_str()), Sql("")]),
        Term::Judge(judge) => put([Sql("d.judge = "), Text(judge), Sql("")]),
        Term::Root(root) => put([Sql("d.root = "), Text(root), Sql("")]),
        // By this collation only ASCII letters have two cases, as in memory.
        Term::Title(part) => put([
            Sql("position(lower("),
            Text(part),
            Sql("::text collate \"C\") in lower(d.title collate \"C\")) > 0"),
        ]),
        Term::Edited(true) => put([Sql("d.edited"), Sql(""), Sql("")]),
        Term::Edited(false) => put([Sql("not d.edited"), Sql(""), Sql("")]),
        Term::Since(moment) => put([Sql("d.first_at >= "), Instant(moment.instant(now)), Sql("")]),
        Term::Until(moment) => put([Sql("d.first_at < "), Instant(moment.instant(now)), Sql("")]),
        Term::Attempts(comparison, number) => {
            let compared = match comparison {
                Comparison::Equal => "d.failures = ",
                Comparison::Above => "d.failures > ",
                Comparison::Below => "d.failures < ",
            };
            put([Sql(compared), Int(*number), Sql("")]);
        }
        Term::Job(job) => put([
            Sql(
                "exists (select from dlq_job j join dlq_plan_member m on m.plan = j.plan and m.root = d.root where j.job = ",
            ),
            Piece::Uuid(*job),
            Sql(" and (j.members = 'all' or m.verdict = 'pass'))"),
        ]),
        Term::Version(version) => put([Sql("d.version = "), Int(*version), Sql("")]),
    }
}
