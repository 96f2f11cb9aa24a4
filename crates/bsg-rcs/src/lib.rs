//! Send RCS business messages through the BSG One-API: a client that knows what may have been sent.
