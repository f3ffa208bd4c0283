use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use tonic::{metadata::AsciiMetadataValue, service::Interceptor, Request, Status};

/// Gives the token of a call. It is asked for each one, so it answers from memory.
pub type TokenProvider = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// How often a token's file is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A provider of the token in a file, which may be replaced at any time.
pub(crate) fn token_file(path: PathBuf) -> TokenProvider {
    struct Seen {
        at: Instant,
        changed: Option<SystemTime>,
        token: String,
    }
    let seen: Mutex<Option<Seen>> = Mutex::new(None);
    Arc::new(move || {
        let mut seen = seen.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(last) = seen.as_ref().filter(|last| last.at.elapsed() < LOOK_AGAIN) {
            return Ok(last.token.clone());
        }
        let changed = std::fs::metadata(&path).and_then(|found| found.modified()).ok();
        if let Some(last) = seen.as_mut().filter(|last| changed.is_some() && last.changed == changed) {
            last.at = Instant::now();
            return Ok(last.token.clone());
        }
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let token = text.trim().to_owned();
        *seen = Some(Seen { at: Instant::now(), changed, token: token.clone() });
        Ok(token)
    })
}

/// Puts the token into the metadata of each call.
#[derive(Clone)]
pub struct Authorization {
    pub(crate) provider: Option<TokenProvider>,
}

impl Interceptor for Authorization {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(provider) = &self.provider {
            let token = provider().map_err(|why| Status::unavailable(format!("no token: {why}")))?;
            // Without the token itself, which must stand in no log.
            let mut value = AsciiMetadataValue::try_from(format!("Bearer {token}"))
                .map_err(|_| Status::invalid_argument("token: expected one word of printable ASCII"))?;
            value.set_sensitive(true);
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}
