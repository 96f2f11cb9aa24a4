//! The guide and the readmes of the crates: what stands in them is compiled and run as tests of this crate, which
//! holds nothing else.
#![cfg(doctest)]

#[doc = include_str!("guide/01-start.md")]
mod page_01_start {}

#[doc = include_str!("guide/02-send-one.md")]
mod page_02_send_one {}

#[doc = include_str!("guide/03-campaign-from-csv.md")]
mod page_03_campaign_from_csv {}

#[doc = include_str!("guide/04-callbacks.md")]
mod page_04_callbacks {}

#[doc = include_str!("guide/05-react-to-changes.md")]
mod page_05_react_to_changes {}

#[doc = include_str!("guide/06-own-transport.md")]
mod page_06_own_transport {}

#[doc = include_str!("guide/07-own-store.md")]
mod page_07_own_store {}

#[doc = include_str!("guide/08-test-against-the-sandbox.md")]
mod page_08_test_against_the_sandbox {}

#[doc = include_str!("guide/09-many-machines.md")]
mod page_09_many_machines {}

#[doc = include_str!("guide/10-costs-and-promises.md")]
mod page_10_costs_and_promises {}

#[doc = include_str!("guide/11-errors-and-exit-codes.md")]
mod page_11_errors_and_exit_codes {}

#[doc = include_str!("guide/index.md")]
mod index {}

#[doc = include_str!("../crates/bsg-rcs-campaign/README.md")]
mod readme_bsg_rcs_campaign {}

#[doc = include_str!("../crates/bsg-rcs-domain/README.md")]
mod readme_bsg_rcs_domain {}

#[doc = include_str!("../crates/bsg-rcs-sandbox-engine/README.md")]
mod readme_bsg_rcs_sandbox_engine {}

#[doc = include_str!("../crates/bsg-rcs-sandbox/README.md")]
mod readme_bsg_rcs_sandbox {}

#[doc = include_str!("../crates/bsg-rcs-store-postgres/README.md")]
mod readme_bsg_rcs_store_postgres {}

#[doc = include_str!("../crates/bsg-rcs-store-sqlite/README.md")]
mod readme_bsg_rcs_store_sqlite {}

#[doc = include_str!("../crates/bsg-rcs-store/README.md")]
mod readme_bsg_rcs_store {}

#[doc = include_str!("../crates/bsg-rcs-transport-reqwest/README.md")]
mod readme_bsg_rcs_transport_reqwest {}

#[doc = include_str!("../crates/bsg-rcs-transport/README.md")]
mod readme_bsg_rcs_transport {}

#[doc = include_str!("../crates/bsg-rcs-view/README.md")]
mod readme_bsg_rcs_view {}

#[doc = include_str!("../crates/bsg-rcs-webhook/README.md")]
mod readme_bsg_rcs_webhook {}

#[doc = include_str!("../crates/bsg-rcs-wire/README.md")]
mod readme_bsg_rcs_wire {}

#[doc = include_str!("../crates/bsg-rcs/README.md")]
mod readme_bsg_rcs {}
