//! What every process of urne has around its own work: files that survive a power cut, and sockets for HTTP that no client can
//! hold for itself. It knows neither the ledger nor the network, so that a registrar carries neither.
pub mod disk;
pub mod http;
