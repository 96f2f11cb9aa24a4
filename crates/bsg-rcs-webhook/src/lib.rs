//! Callbacks of the BSG One-API in: read, authenticate, persist, acknowledge.
