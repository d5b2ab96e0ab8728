//! Messages whose headers or subject the client library cannot read.
//!
//! `nats pub -H` takes any bytes. Where they are not UTF-8, or no header, or the subject holds white space, the library ends the connection at each
//! delivery and the message comes again for ever. So wherever messages are unsettled when the consumer is bound, those
//! that were delivered are read in another way, and become dead letters if they are of these.

use async_nats::Request;
use kansoku_service::Unavailable;

use super::{
    handler::{ConsumerSpec, Delivery},
    settle,
};
use crate::{api, client::Client, message::ConsumerState, raw::Raw};

/// The first message at a sequence or after it, among those that were delivered and may be unsettled, that the client
/// library cannot read.
pub(super) async fn find(
    client: &Client,
    spec: &ConsumerSpec,
    state: &ConsumerState,
    mut from: u64,
) -> Result<Option<Delivery>, Unavailable> {
    if state.num_ack_pending == 0 {
        return Ok(None);
    }
    while from <= state.delivered {
        let Some(raw) = Raw::from(client, spec.stream, from).await? else { break };
        let seq = raw.seq;
        if !raw.is_readable() {
            let stored = raw.stored();
            // How often it was delivered nobody says; at least once.
            let span = settle::process_span(spec, &stored, 1);
            return Ok(Some(Delivery { stored, deliveries: 1, span }));
        }
        from = seq + 1;
    }
    Ok(None)
}

/// Takes the message off the consumer. Its own acknowledgement's subject never arrived; the server looks only at the
/// stream's sequence in it.
pub(super) async fn terminate(
    client: &Client,
    spec: &ConsumerSpec,
    seq: u64,
    reason: &str,
) -> Result<(), Unavailable> {
    let ConsumerSpec { stream, durable, .. } = spec;
    let subject = format!("$JS.ACK.{stream}.{durable}.1.{seq}.1.0.0");
    let request = Request::new().payload(settle::termination(reason));
    let settled = api::send(&client.nats, &subject, request).await;
    settled
        .map(drop)
        .map_err(|error| client.unavailable(error, &format!("terminate message {seq} of {stream}")))
}
