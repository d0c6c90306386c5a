//! Trust nothing: certificates, inclusion, consistency and recount, checked from bytes alone.
