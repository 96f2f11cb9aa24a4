//! The JSON of the BSG One-API for RCS: generated types, lenient readers, and the mapping to the domain.
