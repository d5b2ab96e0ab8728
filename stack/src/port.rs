//! Loopback ports.

use std::{
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    sync::atomic::{AtomicU16, Ordering},
};

use anyhow::{Context, Result, bail};

/// What we choose from, where the kernel's own ports begin where Linux has them.
const PRIVATE: Range<u16> = 10_240..32_768;
/// So many at least, or the kernel leaves us too few.
const FEWEST: u16 = 1_000;

/// Below the ports that the kernel gives to outgoing connections: one of those could take the port between this check and
/// the server's start, or while the server is stopped.
fn private() -> Range<u16> {
    let kernels = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    below(&kernels)
}

/// What is left of ours below the kernel's range, given as `first last`.
fn below(kernels: &str) -> Range<u16> {
    let first = kernels.split_whitespace().next().and_then(|first| first.parse().ok());
    let first = first.filter(|first| *first >= PRIVATE.start + FEWEST);
    PRIVATE.start..first.unwrap_or(PRIVATE.end).min(PRIVATE.end)
}

/// A port that nobody listens on now. Each call searches on from where the last one of this process stopped, and processes
/// begin at different places, so two callers do not meet.
pub fn free() -> Result<u16> {
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let private = private();
    let count = private.end - private.start;
    let begin = std::process::id().wrapping_mul(97) % u32::from(count);
    for _ in private.clone() {
        let call = u32::from(CALLS.fetch_add(1, Ordering::Relaxed));
        // Below `count`, so it fits.
        let port = private.start + u16::try_from((begin + call) % u32::from(count)).unwrap_or_default();
        if is_free(port) {
            return Ok(port);
        }
    }
    bail!("no port from {} to {} is free", private.start, private.end - 1)
}

/// Whether nobody listens on `port` of the loopback interface.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Replaces each port that is taken by a free one; none is there twice then.
pub fn prefer<'a>(ports: impl IntoIterator<Item = &'a mut u16>) -> Result<()> {
    // Held until all are chosen, so that none is chosen again.
    let mut held = Vec::new();
    for port in ports {
        let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match bind(*port) {
            Ok(listener) => listener,
            Err(_) => bind(free()?).context("take a free port")?,
        };
        *port = listener.local_addr().context("read the address of a free port")?.port();
        held.push(listener);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_callers_get_the_same_port_and_none_is_the_kernels_to_give() {
        let mut ports: Vec<u16> = (0..200).map(|_| free().unwrap()).collect();
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "{ports:?}");
        assert!(ports.iter().all(|port| private().contains(port)), "{ports:?}");
    }

    #[test]
    fn ours_end_where_the_kernels_begin() {
        assert_eq!(below("32768\t60999\n"), PRIVATE);
        assert_eq!(below("20000 60999"), 10_240..20_000);
        assert_eq!(below("40000 60999"), PRIVATE);
        assert_eq!(below("1024 65535"), PRIVATE, "no room below: nothing better is to be had");
        assert_eq!(below(""), PRIVATE);
    }

    #[test]
    fn no_port_is_chosen_twice_and_a_taken_one_is_replaced_by_none_of_the_kernels() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        let mut chosen = [wanted; 50];
        prefer(&mut chosen).unwrap();
        chosen.sort_unstable();
        assert!(chosen.windows(2).all(|pair| pair[0] != pair[1]), "{chosen:?}");
        assert!(chosen.iter().all(|port| *port != wanted && private().contains(port)), "{chosen:?}");
    }
}
