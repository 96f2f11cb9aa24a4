//! What must survive a crash: the Store trait for campaigns, batches, messages and callbacks, its conformance kit and an in-memory store.
