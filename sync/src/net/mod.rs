//! Sessions over iroh: between hubs directly, from browsers through a hub's relay. The same source runs
//! natively and in a browser's worker.

mod link;
mod node;
mod ticket;

#[cfg(not(target_family = "wasm"))]
pub use node::Guest;
pub use node::{DIALS_MAX, Dial, LinkState, Node, NodeConfig, SESSIONS_MAX};
pub use ticket::{ADDRESSES_MAX, TICKET_CHARS_MAX, Ticket, TicketError};
