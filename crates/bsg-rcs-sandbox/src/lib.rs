//! The BSG One-API for RCS on your machine: a pure engine, an HTTP face that speaks the contract, virtual time.
