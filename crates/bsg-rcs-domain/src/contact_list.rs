//! A contact list of the account, as it is made or changed.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::fault::{Checker, Faults};
use crate::rules;

/// The name of a contact list and what it is for: as the platform takes them.
///
/// ```
/// use bsg_rcs_domain::ContactListDraft;
///
/// let list = ContactListDraft::new("Regulars", Some("came twice or more"))?;
/// assert_eq!(list.name(), "Regulars");
/// let faults = ContactListDraft::new("ab", Some("")).unwrap_err();
/// assert_eq!(faults.iter().count(), 2);
/// # Ok::<(), bsg_rcs_domain::Faults>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactListDraft {
    name: String,
    description: Option<String>,
}

impl ContactListDraft {
    /// Checks both.
    ///
    /// # Errors
    /// Every fault: `LIST-NAME-LEN` outside 3 to 50 characters, `LIST-DESCRIPTION-LEN` outside 1
    /// to 255.
    pub fn new(name: &str, description: Option<&str>) -> Result<Self, Faults> {
        let mut checker = Checker::default();
        checker.bounds(&rules::LIST_NAME_LEN, "name", name.chars().count());
        if let Some(text) = description {
            let length = text.chars().count();
            checker.bounds(&rules::LIST_DESCRIPTION_LEN, "description", length);
        }
        let list = Self { name: name.to_owned(), description: description.map(str::to_owned) };
        checker.conclude(Some(list)).map(|checked| checked.value)
    }

    /// The name, 3 to 50 characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, 1 to 255 characters.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}
