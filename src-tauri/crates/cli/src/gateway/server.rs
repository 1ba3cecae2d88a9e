//! Listens until it is told to stop, lets streams finish for a while, and closes.

use std::{net::SocketAddr, time::Duration};

use services::{
    app::AppOptions,
    gateway::{Gateway, config::GatewayConfig},
};
use tokio::{net::TcpListener, sync::oneshot};

use super::routes;
use crate::{failure::Failure, interrupt};

/// How long streams may go on after the signal to stop; service managers kill after 90 s.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves until the program is told to stop. `ready` is told the address.
pub(crate) async fn serve(
    config: GatewayConfig,
    options: AppOptions,
    ready: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let address = config.listen;
    let gateway = Gateway::open(config, options).await?;
    let served = listen(&gateway, address, ready).await;
    gateway.close().await;
    served
}

async fn listen(
    gateway: &Gateway,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let taken = |error: std::io::Error| {
        Failure::unavailable(
            format!("The gateway cannot listen on `{address}`: {}", error.kind()),
            "Choose another address in `listen`, or stop the program that has it.",
        )
    };
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let told_to_stop = interrupt::told_to_stop();
    ready(listener.local_addr().map_err(taken)?)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let router = routes::router(gateway.clone());
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        // A sender that is gone says the same.
        let _ = stopped.await;
    });
    let serving = tokio::spawn(serving.into_future());
    told_to_stop.await;
    drop(stop);
    match tokio::time::timeout(DRAIN, serving).await {
        Ok(_) => Ok(()),
        // What still runs is cut by closing the gateway, never ended as if it were whole.
        Err(_) => {
            tracing::warn!("requests were still open after {DRAIN:?} and are cut");
            Ok(())
        }
    }
}
