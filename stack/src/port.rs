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

/// `wanted`, or a free port where `wanted` is taken.
pub fn prefer(wanted: u16) -> Result<u16> {
    if is_free(wanted) { Ok(wanted) } else { free() }
}
