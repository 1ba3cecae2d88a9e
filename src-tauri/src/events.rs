//! What the core reports, forwarded to the page.

use services::api::Event;
use tauri::{AppHandle, Emitter as _};
use tokio::sync::broadcast::{
    Receiver,
    error::RecvError::{Closed, Lagged},
};

/// The name under which the page listens.
const EVENT_NAME: &str = "sar-event";

/// Forwards events until the core is closed.
pub(crate) fn forward(app: &AppHandle, mut events: Receiver<Event>) {
    let app = app.clone();
    // Ends by itself when the core, which owns the sending side, is closed.
    tauri::async_runtime::spawn(async move {
        while let Some(event) = next(&mut events).await {
            send(&app, &event);
        }
    });
}

/// Sends one event to the page.
pub(crate) fn send(app: &AppHandle, event: &Event) {
    if let Err(error) = app.emit(EVENT_NAME, event) {
        tracing::warn!(%error, "an event did not reach the window");
    }
}

/// The next event. A window that was too slow to take all of them reads the state again.
async fn next(events: &mut Receiver<Event>) -> Option<Event> {
    match events.recv().await {
        Ok(event) => Some(event),
        Err(Lagged(_)) => Some(Event::StatusChanged),
        Err(Closed) => None,
    }
}

#[cfg(test)]
mod tests {
    use services::api::CasePart;
    use tokio::sync::broadcast;

    use super::*;

    fn changed(case_id: &str) -> Event {
        Event::CaseChanged {
            case_id: case_id.to_owned(),
            what: CasePart::Case,
            call: None,
        }
    }

    #[tokio::test]
    async fn a_slow_window_is_told_to_read_again_and_then_follows() {
        let (sender, mut events) = broadcast::channel(2);
        for case_id in ["SAR-1", "SAR-2", "SAR-3"] {
            sender.send(changed(case_id)).unwrap();
        }
        drop(sender);
        assert_eq!(next(&mut events).await, Some(Event::StatusChanged));
        assert_eq!(next(&mut events).await, Some(changed("SAR-2")));
        assert_eq!(next(&mut events).await, Some(changed("SAR-3")));
        assert_eq!(next(&mut events).await, None);
    }
}
