//! The learned recognizer that an organization supplies: a folder with a model, named at the start.

use std::{path::PathBuf, sync::Arc};

use redaction::learned::Recognizer;

use crate::api::ApiError;

/// Where the model is.
#[derive(Debug, Clone)]
pub struct LearnedOptions {
    /// Folder with `model.onnx`, `tokenizer.json` and `labels.json`.
    pub folder: PathBuf,
    /// The ONNX Runtime library; found by the system's own search when not named.
    pub library: Option<PathBuf>,
}

impl LearnedOptions {
    /// From `SAR_LEARNED_MODEL` and `SAR_ONNXRUNTIME`; nothing without the first.
    pub fn from_env() -> Option<Self> {
        let folder = |name| std::env::var_os(name).filter(|it| !it.is_empty());
        Some(Self {
            folder: folder("SAR_LEARNED_MODEL")?.into(),
            library: folder("SAR_ONNXRUNTIME").map(PathBuf::from),
        })
    }
}

/// Loads the model, if one is named.
///
/// # Errors
/// When it cannot be used, or this program was built without the feature `learned`: a desk that is set to
/// find more must not quietly find less.
pub fn load(options: Option<&LearnedOptions>) -> Result<Option<Arc<dyn Recognizer>>, ApiError> {
    options.map(load_folder).transpose()
}

#[cfg(not(feature = "learned"))]
fn load_folder(options: &LearnedOptions) -> Result<Arc<dyn Recognizer>, ApiError> {
    Err(ApiError::invalid(
        "SAR_LEARNED_MODEL",
        format!(
            "this program was built without learned recognizers, so `{}` is not used; build it with the feature `learned`",
            options.folder.display()
        ),
    ))
}

#[cfg(feature = "learned")]
fn load_folder(options: &LearnedOptions) -> Result<Arc<dyn Recognizer>, ApiError> {
    use redaction::learned::{Files, Model};

    use crate::errors::learned_failed;

    let read = |name: &str| {
        let path = options.folder.join(name);
        std::fs::read(&path).map_err(|error| {
            let why = format!("`{}` cannot be read: {}", path.display(), error.kind());
            ApiError::invalid("SAR_LEARNED_MODEL", why)
        })
    };
    let (model, tokenizer) = (read("model.onnx")?, read("tokenizer.json")?);
    let labels = read("labels.json")?;
    let files = Files {
        model: &model,
        tokenizer: &tokenizer,
        labels: &labels,
    };
    let library = options.library.clone();
    let library = library.unwrap_or_else(|| PathBuf::from(LIBRARY));
    let loaded = Model::load(&files, &library).map_err(|error| learned_failed(&error))?;
    Ok(Arc::new(loaded))
}

/// The name under which the system finds it.
#[cfg(feature = "learned")]
const LIBRARY: &str = if cfg!(target_os = "windows") {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

#[cfg(all(test, not(feature = "learned")))]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_cannot_be_used_is_an_error_and_none_is_fine() {
        assert!(load(None).unwrap().is_none());
        let options = LearnedOptions {
            folder: PathBuf::from("/models/pii"),
            library: None,
        };
        let error = load(Some(&options)).unwrap_err().to_string();
        assert!(error.contains("feature `learned`"), "{error}");
    }
}
