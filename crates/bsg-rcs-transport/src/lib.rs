//! One HTTP exchange behind a trait: the Transport contract, its errors, and test doubles.
