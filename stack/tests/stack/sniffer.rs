//! Reads what goes over loopback ports, as root may.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketType, recv, socket, sockopt};

const IPV4: u16 = 0x0800;
const TCP: u8 = 6;
const LARGEST_PACKET: usize = 1 << 17;
const BUFFER: usize = 64 << 20;
/// How often it looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(100);

/// What was sent and received on each port.
pub(crate) type Seen = BTreeMap<u16, Vec<u8>>;

/// A thread that reads packets.
pub(crate) struct Sniffer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Sniffer {
    /// Begins to read what goes over these ports; `None` where that is not allowed.
    pub(crate) fn on(ports: &[u16]) -> Option<Self> {
        let protocol = NonZeroU32::new(IPV4.to_be().into()).map(Protocol::from_raw);
        // Without the header of Ethernet.
        let socket = socket(AddressFamily::PACKET, SocketType::DGRAM, protocol).ok()?;
        sockopt::set_socket_recv_buffer_size_force(&socket, BUFFER).ok()?;
        sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(LOOK)).ok()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, mut seen) =
            (stop.clone(), ports.iter().map(|port| (*port, Vec::new())).collect::<Seen>());
        let thread = std::thread::spawn(move || {
            read(&socket, &stopped, &mut seen);
            seen
        });
        Some(Self { stop, thread })
    }

    /// What was seen until now.
    pub(crate) fn seen(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn read(socket: &OwnedFd, stop: &AtomicBool, seen: &mut Seen) {
    let mut buffer = vec![0; LARGEST_PACKET];
    loop {
        // At the end it takes what is there already: everything on the loopback interface may have come faster than it read.
        let ends = stop.load(Ordering::Relaxed);
        let how = if ends { RecvFlags::DONTWAIT } else { RecvFlags::empty() };
        let Ok((length, _)) = recv(socket, &mut buffer[..], how) else {
            if ends {
                return;
            }
            continue; // nothing came in time
        };
        let Some((ports, payload)) = segment(&buffer[..length]) else { continue };
        for port in ports {
            if let Some(seen) = seen.get_mut(&port) {
                seen.extend_from_slice(payload);
            }
        }
    }
}

/// The ports of a segment of TCP, and what it carries.
fn segment(packet: &[u8]) -> Option<([u16; 2], &[u8])> {
    let header = usize::from(packet.first()? & 0xf) * 4;
    let tcp = packet.get(header..).filter(|_| packet.get(9) == Some(&TCP))?;
    let port = |at: usize| Some(u16::from_be_bytes([*tcp.get(at)?, *tcp.get(at + 1)?]));
    let payload = tcp.get(usize::from(tcp.get(12)? >> 4) * 4..)?;
    Some(([port(0)?, port(2)?], payload))
}
