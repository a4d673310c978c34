//! Calls to generation endpoints whose bodies are no JSON: forms and sound. They are dispatched like others, to their
//! own provider alone and with their bytes as they come; nothing of them is cached.

use std::rc::Rc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::dispatch::dispatch;
use super::job::{Asking, Job};
use super::pipe::{self, Pipe};
use super::{Desk, Reply};
use crate::bounds;
use crate::call::{Call, Dialect, Probe};
use crate::error::GatewayError;
use crate::policy::cache::Use;
use crate::policy::overrides::Overrides;
use crate::policy::retry::Effect;
use crate::runtime::Route;
use crate::server::worker::Worker;
use crate::upstream::upload::Upload;

/// A body that says that it is something else than JSON goes through as it is.
pub(crate) fn takes_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let begins = |kind: &str| {
        value.as_bytes().get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind.as_bytes()))
    };
    !["multipart/", "audio/", "image/", "video/", "application/octet-stream"].into_iter().any(begins)
}

/// Answers such a call.
///
/// # Errors
/// The gateway refuses it, or the provider does not answer.
pub(crate) async fn serve(
    worker: &Rc<Worker>,
    desk: &mut Desk,
    pipe: Box<Pipe>,
    dialect: Dialect,
) -> Result<Reply, GatewayError> {
    let Pipe { asking, provider, place, body } = *pipe;
    pipe::admit(worker, desk, &asking)?;
    desk.ledger.edit(|record| record.dialect = Some(dialect));
    let patience = bounds::ticks(asking.gateway.providers[provider].timeouts.idle.as_duration());
    let (ledger, client) = (Rc::clone(&desk.ledger), Rc::clone(&desk.client));
    let upload = Upload::new(body, worker.shared.budget.nothing(), ledger, client, patience);
    let content_type = asking.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let model = upload.model(content_type.unwrap_or_default()).await?.unwrap_or_default();
    let target = asking.gateway.target(provider, &model);
    desk.ledger.requested(&target.cells, Some(target.model.clone()).filter(|model| !model.is_empty()));
    let Asking { gateway, door: _, head, caller } = asking;
    let job = Job {
        worker: Rc::clone(worker),
        ledger: Rc::clone(&desk.ledger),
        gateway,
        open: None,
        effect: Effect::Generation,
        rest: place.below.clone(),
        place: Some(place),
        overrides: Overrides::of(&head.headers)?,
        headers: head.headers,
        above: None,
        caller: Rc::new(caller),
        call: Call { dialect, body: Bytes::new(), probe: Probe::default() },
        route: Route::to(target),
        wanted: Use::Bypass,
        step: None,
        upload: Some(upload.clone()),
        _held: Rc::new(worker.shared.budget.nothing()),
    };
    match Box::pin(dispatch(&job, None)).await {
        Ok(given) => Ok(desk.give(*given)),
        Err(_) if upload.is_broken() => Err(GatewayError::BadBody("the body broke off".into())),
        Err(tried) => Ok(desk.give(tried.end(&desk.ledger)?)),
    }
}
