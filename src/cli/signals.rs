//! Ctrl-C and SIGTERM become wishes to stop.

use std::io;

use tokio::task::JoinHandle;

use crate::apply::Cancel;

/// Listens until aborted. At the third wish it says `farewell` and ends the
/// process at once: the journal makes that safe.
///
/// # Errors
/// The operating system lets nobody listen; a signal then ends the process.
pub fn listen(cancel: Cancel, farewell: impl Fn() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // Made once: a signal that comes while an earlier one is dealt with waits.
    let mut signals = Signals::new()?;
    Ok(tokio::spawn(async move {
        loop {
            signals.next().await;
            if cancel.ask() >= 3 {
                farewell();
                // The exit that a shell expects of an interrupted program.
                #[expect(clippy::exit, reason = "the user asked three times")]
                std::process::exit(130);
            }
        }
    }))
}

/// Waits for one wish to stop; for ever where none can be heard.
pub async fn one() {
    match Signals::new() {
        Ok(mut signals) => signals.next().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        let interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(Self { interrupt })
    }

    async fn next(&mut self) {
        let _ = self.interrupt.recv().await;
    }
}
