//! Loopback ports.

use std::{
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    sync::atomic::{AtomicU16, Ordering},
};

use anyhow::{Context, Result, bail};

/// Below the ports that the kernel gives to outgoing connections (Linux: from 32768): one of those could take the port
/// between this look and the server's start, or while a test has the server stopped.
const PRIVATE: Range<u16> = 10_240..32_768;

/// A port that nobody listens on now. Each call looks on from where the last one of this process stopped, and processes
/// begin at different places, so two callers do not meet.
pub fn free() -> Result<u16> {
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let count = PRIVATE.end - PRIVATE.start;
    let begin = std::process::id().wrapping_mul(97) % u32::from(count);
    for _ in PRIVATE {
        let call = u32::from(CALLS.fetch_add(1, Ordering::Relaxed));
        // Below `count`, so it fits.
        let port = PRIVATE.start + u16::try_from((begin + call) % u32::from(count)).unwrap_or_default();
        if is_free(port) {
            return Ok(port);
        }
    }
    bail!("no port from {} to {} is free", PRIVATE.start, PRIVATE.end - 1)
}

/// Whether nobody listens on `port` of the loopback interface.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Each of `wanted`, or a free port where it is taken; no port twice.
pub fn prefer<const N: usize>(wanted: [u16; N]) -> Result<[u16; N]> {
    // Held until all are chosen, so that the kernel hands none out again.
    let mut held = Vec::with_capacity(N);
    let mut chosen = [0; N];
    for (wanted, chosen) in wanted.into_iter().zip(&mut chosen) {
        let usual = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted));
        let listener = usual.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.context("ask the kernel for a free port")?;
        *chosen = listener.local_addr().context("read the address of a free port")?.port();
        held.push(listener);
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_callers_get_the_same_port_and_none_is_the_kernels_to_give() {
        let mut ports: Vec<u16> = (0..200).map(|_| free().unwrap()).collect();
        ports.sort_unstable();
        assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "{ports:?}");
        assert!(ports.iter().all(|port| PRIVATE.contains(port)), "{ports:?}");
    }

    #[test]
    fn no_port_is_chosen_twice_and_a_taken_one_is_replaced() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        let mut chosen = prefer([wanted; 50]).unwrap();
        chosen.sort_unstable();
        assert!(chosen.windows(2).all(|pair| pair[0] != pair[1]), "{chosen:?}");
        assert!(!chosen.contains(&wanted));
    }
}
