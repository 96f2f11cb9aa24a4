//! Durable RCS campaigns: plan, dispatch, reconcile, track, report.
