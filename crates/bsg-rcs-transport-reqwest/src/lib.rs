//! The default transport of bsg-rcs, over reqwest.
