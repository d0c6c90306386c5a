//! HTTP/1.1 with an end to everything: so many connections, so fast, so long a wait, so large a body; and every error an RFC
//! 9457 problem.
mod body;
mod connections;
pub mod problem;
mod rate;
mod server;
mod stall;

pub use body::{NoBody, receive};
pub use connections::{NoPlace, Place, Places};
pub use rate::{Rates, TooFast};
pub use server::{ClientAddress, Door, Refusals, STOP_GRACE, SocketLimits, serve};
