//! Lets calls through one after the other where AWS has asked to slow down.
//!
//! There is a lane for every operation of a service, since EC2 meters each API
//! by itself; Route 53 meters the account as a whole. A call waits for its turn
//! before it is signed and before its credentials are fetched, so neither grows
//! old in the queue. The SDK's hook for that is the cache of identities, which
//! it asks before every attempt.
//!
//! A pacer belongs to one account and one region, as AWS's buckets do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_ec2::config::{IdentityCache, SharedIdentityCache};
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::fence::Fence;
use super::operations::is_read;
use super::pace::{Lane, Published};

/// EC2's published buckets that differ from the others of their sort (Amazon
/// EC2 developer guide, "Request throttling for the Amazon EC2 API"): calls
/// that it holds, calls that it gets a second.
const EC2: &[(&str, f64, f64)] = &[
    ("RunInstances", 5.0, 2.0),
    ("StartInstances", 5.0, 2.0),
    ("TerminateInstances", 100.0, 5.0),
    ("CreateTags", 100.0, 10.0),
    ("DeleteTags", 100.0, 10.0),
    ("CreateNatGateway", 10.0, 1.0),
    ("DeleteNatGateway", 10.0, 1.0),
    ("CreateVpcEndpoint", 4.0, 0.3),
    ("ModifyVpcEndpoint", 4.0, 0.3),
    ("DeleteVpcEndpoints", 4.0, 0.3),
];
/// EC2's bucket of a reading call, filtered and paged.
const EC2_READ: (f64, f64) = (100.0, 20.0);
/// EC2's bucket of a changing call.
const EC2_WRITE: (f64, f64) = (50.0, 5.0);
/// Route 53's for all calls of an account together (Route 53 developer guide,
/// "Quotas").
const ROUTE_53: (f64, f64) = (5.0, 5.0);

/// The published bucket of an operation, where there is one.
fn published(service: &str, operation: &str) -> Option<Published> {
    let (capacity, refill) = match service {
        "EC2" => match EC2.iter().find(|(name, ..)| *name == operation) {
            Some((_, capacity, refill)) => (*capacity, *refill),
            None if is_read(operation) => EC2_READ,
            None => EC2_WRITE,
        },
        "Route 53" => ROUTE_53,
        _ => return None,
    };
    Some(Published { capacity, refill })
}

/// Lets calls through.
#[derive(Debug)]
pub(super) struct Pacer {
    start: Instant,
    lanes: Mutex<HashMap<String, Arc<Queue>>>,
}

/// A lane and those who wait to enter it, in the order in which they came.
#[derive(Debug)]
struct Queue {
    turn: tokio::sync::Mutex<()>,
    lane: Mutex<Lane>,
}

impl Pacer {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            lanes: Mutex::default(),
        }
    }

    /// Seconds since the pacer began.
    pub(super) fn now(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn queue(&self, service: &str, operation: &str) -> Arc<Queue> {
        let name = match service {
            "Route 53" => service.to_owned(),
            _ => format!("{service}:{operation}"),
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = lanes.entry(name).or_insert_with(|| {
            Arc::new(Queue {
                turn: tokio::sync::Mutex::new(()),
                lane: Mutex::new(Lane::new(published(service, operation))),
            })
        });
        queue.clone()
    }

    /// Waits until a call may go.
    async fn turn(&self, service: &str, operation: &str) {
        let queue = self.queue(service, operation);
        let _turn = queue.turn.lock().await;
        loop {
            let taken = queue
                .lane
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(self.now());
            match taken {
                Ok(()) => return,
                Err(wait) => tokio::time::sleep(Duration::from_secs_f64(wait)).await,
            }
        }
    }

    /// Learns from a call that went at `sent`.
    pub(super) fn answered(&self, service: &str, operation: &str, sent: f64, throttled: bool) {
        if throttled {
            let queue = self.queue(service, operation);
            let mut lane = queue.lane.lock().unwrap_or_else(PoisonError::into_inner);
            lane.throttled(sent, self.now());
        }
    }
}

/// A cache of identities that lets each attempt wait for its turn first.
#[derive(Debug)]
pub(super) struct Turnstile {
    pacer: Arc<Pacer>,
    fence: Fence,
    identities: SharedIdentityCache,
}

impl Turnstile {
    pub(super) fn new(pacer: Arc<Pacer>, fence: Fence) -> Self {
        Self {
            pacer,
            fence,
            identities: IdentityCache::lazy().build(),
        }
    }
}

impl ResolveCachedIdentity for Turnstile {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        cfg: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            if let Some(call) = cfg.load::<Metadata>() {
                self.pacer.turn(call.service(), call.name()).await;
            }
            self.fence.certain(cfg).await?;
            self.identities
                .resolve_cached_identity(resolver, components, cfg)
                .await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_buckets_are_found_by_sort_and_by_name() {
        let refill = |service, operation| published(service, operation).map(|it| it.refill);
        assert_eq!(refill("EC2", "CreateSubnet"), Some(5.0));
        assert_eq!(refill("EC2", "DescribeSubnets"), Some(20.0));
        assert_eq!(refill("EC2", "CreateVpcEndpoint"), Some(0.3));
        assert_eq!(refill("Route 53", "GetChange"), Some(5.0));
        assert_eq!(refill("IAM", "CreateRole"), None);
    }

    #[tokio::test]
    async fn lanes_are_apart_but_route_53_has_one() {
        let pacer = Pacer::new();
        pacer.turn("EC2", "CreateSubnet").await;
        pacer.answered("EC2", "CreateSubnet", pacer.now(), true);
        pacer.answered("Route 53", "GetChange", pacer.now(), true);
        let waits = |service, operation| {
            let queue = pacer.queue(service, operation);
            let mut lane = queue.lane.lock().unwrap();
            lane.take(pacer.now()).is_err()
        };
        assert!(waits("EC2", "CreateSubnet"));
        assert!(!waits("EC2", "CreateRoute"));
        assert!(waits("Route 53", "ListHostedZones"));
    }

    #[tokio::test]
    async fn who_waits_gets_through_in_order() {
        let pacer = Arc::new(Pacer::new());
        pacer.turn("Route 53", "GetChange").await;
        pacer.answered("Route 53", "GetChange", pacer.now(), true);
        let order = Arc::new(Mutex::new(Vec::new()));
        let waiting = (0..4).map(|number| {
            let (pacer, order) = (pacer.clone(), order.clone());
            async move {
                pacer.turn("Route 53", "GetChange").await;
                order.lock().unwrap().push(number);
            }
        });
        let start = Instant::now();
        futures_util::future::join_all(waiting).await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
        assert!(start.elapsed() >= Duration::from_millis(500));
    }
}
