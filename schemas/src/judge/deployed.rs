//! The schemas that are deployed: a changed file in the folder takes effect without a restart.

use std::{
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use super::{Judge, SchemaError, SchemaSettings, SchemaWatch};

/// The judge of the deployed schemas, kept up to date by whoever looks. Clones share it.
#[derive(Debug, Clone)]
pub struct Deployed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    watch: Mutex<SchemaWatch>,
    now: RwLock<Now>,
}

#[derive(Debug)]
struct Now {
    judge: Arc<Judge>,
    trouble: Option<String>,
}

impl Deployed {
    /// How often those look who judge what comes.
    pub const LOOK_INTERVAL: Duration = Duration::from_secs(1);

    /// Compiles what is there now.
    ///
    /// # Errors
    /// As [`SchemaSettings::judge`].
    pub fn start(settings: SchemaSettings) -> Result<Self, SchemaError> {
        let (watch, judge) = SchemaWatch::start(settings)?;
        tracing::info!(judge = judge.hash(), "judging by {}", judge.hash());
        Ok(Self::of(watch, judge))
    }

    /// Begins with the schemas of the build; the first look takes up the folder's.
    pub fn embedded(settings: SchemaSettings) -> Self {
        Self::of(SchemaWatch::unseen(settings), Judge::embedded())
    }

    fn of(watch: SchemaWatch, judge: Judge) -> Self {
        let now = Now { judge: judge.into(), trouble: None };
        Self(Arc::new(Shared { watch: Mutex::new(watch), now: RwLock::new(now) }))
    }

    /// The judge since the last look; what begins by one ends by it.
    pub fn judge(&self) -> Arc<Judge> {
        // A poisoned lock holds a whole judge all the same.
        Arc::clone(&self.0.now.read().unwrap_or_else(PoisonError::into_inner).judge)
    }

    /// Why what is in the folder cannot be used, in words; the schemas of before judge then.
    pub fn trouble(&self) -> Option<String> {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Reads the files, compiles them where they have changed, and says whether they have.
    pub fn look(&self) -> bool {
        let mut watch = self.0.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = watch.look() else { return false };
        let mut now = self.0.now.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok(judge) if judge.hash() == now.judge.hash() && now.trouble.is_none() => return false,
            Ok(judge) => {
                tracing::info!(judge = judge.hash(), "the schemas have changed: judging by {}", judge.hash());
                *now = Now { judge: judge.into(), trouble: None };
            }
            Err(error) => {
                let trouble =
                    format!("the schemas have changed and cannot be used, the ones of before stay: {error}");
                tracing::error!("{trouble}");
                now.trouble = Some(trouble);
            }
        }
        true
    }

    /// The judge of the deployed schemas with one of them replaced.
    ///
    /// # Errors
    /// When the text is no schema, or there is none of that name.
    pub fn candidate(&self, name: &str, text: &str) -> Result<Judge, SchemaError> {
        let mut texts = self.0.watch.lock().unwrap_or_else(PoisonError::into_inner).texts();
        texts.insert(name.to_owned(), text.to_owned());
        Judge::with_texts(&texts)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_look_takes_up_what_is_good_and_says_what_is_not() {
        let folder = std::env::temp_dir().join(format!("kansoku-deployed-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("genre.v1.json");
        fs::write(&file, r#"{"type":"object"}"#).unwrap();
        let settings = SchemaSettings { overlay: Some(folder.clone()) };
        let deployed = Deployed::start(settings.clone()).unwrap();
        let first = deployed.judge();
        assert!(!deployed.look() && deployed.trouble().is_none());

        fs::write(&file, r#"{"type":"#).unwrap();
        assert!(deployed.look() && !deployed.look());
        assert!(deployed.trouble().is_some_and(|words| words.contains("genre.v1")));
        assert_eq!(deployed.judge().hash(), first.hash());
        let begins = Deployed::embedded(settings);
        assert!(begins.look() && begins.trouble().is_some());
        assert_eq!(begins.judge().hash(), Judge::embedded().hash());

        fs::remove_file(&file).unwrap();
        assert!(deployed.look() && begins.look());
        assert!(deployed.trouble().is_none() && begins.trouble().is_none());
        assert_eq!(deployed.judge().hash(), Judge::embedded().hash());
        let candidate = deployed.candidate("genre.v1", r#"{"type":"object"}"#).unwrap();
        assert_eq!(candidate.hash(), first.hash());
        fs::remove_dir_all(&folder).unwrap();
    }
}
