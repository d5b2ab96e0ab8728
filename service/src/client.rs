//! The clients of a listener, told apart by their addresses, and how many connections each has open.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The address by which a client is told from others: one person has a whole /64 of IPv6 addresses to choose from.
pub fn client_prefix(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// The open connections of each client. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    max: u32,
    open: Arc<Mutex<HashMap<IpAddr, Open>>>,
}

#[derive(Debug, Default)]
struct Open {
    connections: u32,
    /// Whether a person was told that this client has as many as it may.
    is_reported: bool,
}

/// One connection of a client; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct ClientSlot {
    clients: Clients,
    client: IpAddr,
}

impl Clients {
    /// `max` connections for each; 0 sets no limit.
    pub(crate) fn new(max: u32) -> Self {
        Self { max: if max == 0 { u32::MAX } else { max }, open: Arc::default() }
    }

    /// `None` where the client has as many connections as it may.
    pub(crate) fn take(&self, client: IpAddr) -> Option<ClientSlot> {
        let (client, max) = (client_prefix(client), self.max);
        let mut all = self.lock();
        let open = all.entry(client).or_default();
        if open.connections < max {
            open.connections += 1;
            return Some(ClientSlot { clients: self.clone(), client });
        }
        if !std::mem::replace(&mut open.is_reported, true) {
            tracing::warn!(%client, max, "{client} has {max} connections open; its further ones are closed (http.max_connections_per_client)");
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Open>> {
        // A poisoned lock holds a whole map all the same.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ClientSlot {
    fn drop(&mut self) {
        let mut all = self.clients.lock();
        if let Some(open) = all.get_mut(&self.client) {
            open.connections -= 1;
            if open.connections == 0 {
                all.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_client_has_its_own_limit() {
        let clients = Clients::new(2);
        let held = [clients.take(address("2001:db8::1")), clients.take(address("2001:db8::2"))];
        assert!(held.iter().all(Option::is_some));
        assert!(clients.take(address("2001:db8::3")).is_none(), "the same /64");
        assert!(clients.take(address("192.0.2.7")).is_some());
        assert_eq!(client_prefix(address("::ffff:192.0.2.7")), address("192.0.2.7"));
        drop(held);
        assert!(clients.take(address("2001:db8::3")).is_some());
        assert!(clients.lock().is_empty(), "a client without connections is forgotten");
    }

    #[test]
    fn zero_sets_no_limit() {
        let clients = Clients::new(0);
        let held: Vec<_> = (0..1_000).filter_map(|_| clients.take(address("192.0.2.7"))).collect();
        assert_eq!(held.len(), 1_000);
    }
}
