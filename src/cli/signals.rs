//! Ctrl-C and SIGTERM become wishes to stop.

use tokio::task::JoinHandle;

use crate::apply::Cancel;

/// Listens until aborted. The third wish ends the process at once.
pub fn listen(cancel: Cancel) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            next().await;
            if cancel.ask() >= 3 {
                // The exit that a shell expects of an interrupted program.
                #[expect(clippy::exit, reason = "the user asked three times")]
                std::process::exit(130);
            }
        }
    })
}

#[cfg(unix)]
async fn next() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn next() {
    let _ = tokio::signal::ctrl_c().await;
}
