//! Where the files of an export lie: flat, or as the payload of a bag.

use store::{ExportFolder, StoreError};

/// Plain folder or bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Flat,
    Bag,
}

/// The list, in the folder of the files.
pub(super) const MANIFEST: &str = "manifest.json";

impl Layout {
    pub(super) const fn of(bag: bool) -> Self {
        if bag { Self::Bag } else { Self::Flat }
    }

    /// The path of a file of the set.
    pub(super) fn path(self, name: &str) -> String {
        match self {
            Self::Flat => name.to_owned(),
            Self::Bag => format!("{}{name}", evidence::names::PAYLOAD),
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Flat => Self::Bag,
            Self::Bag => Self::Flat,
        }
    }

    /// Whether the folder holds an export in the other layout.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn is_other_used(self, folder: &ExportFolder) -> Result<bool, StoreError> {
        Ok(folder.read(&self.other().path(MANIFEST))?.is_some())
    }
}
