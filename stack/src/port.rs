//! Loopback ports.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// A port that nobody listens on now. The kernel hands out another one each time, so two callers do not meet.
pub fn free() -> Result<u16> {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("ask the kernel for a free port")?;
    Ok(probe.local_addr().context("read the address of a free port")?.port())
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
    fn no_port_is_chosen_twice_and_a_taken_one_is_replaced() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        let mut chosen = prefer([wanted; 50]).unwrap();
        chosen.sort_unstable();
        assert!(chosen.windows(2).all(|pair| pair[0] != pair[1]), "{chosen:?}");
        assert!(!chosen.contains(&wanted));
    }
}
