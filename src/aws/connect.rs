//! Builds the clients. The one place that knows where calls go.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::sync::Arc;
use std::time::Duration;

use super::CallError;
use super::attempts::{ATTEMPTS, Attempts};
use super::error::on;
use super::fence::Fence;
use super::holders::quoted;
use super::pacer::{Pacer, Turnstile};
use super::wait::PROPAGATION;
use crate::model::Place;
use crate::model::policy::Caller;

/// How to reach AWS, as the command line and the plan file say.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The region; without one, the usual chain of AWS tools decides.
    pub region: Option<String>,
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Another endpoint than AWS's own. `AWS_ENDPOINT_URL` serves too.
    pub endpoint_url: Option<String>,
    /// Fixed credentials, for the local endpoint: the access key id, which
    /// there names the account.
    pub local_account: Option<String>,
    /// How long AWS may take to show what it has just made; none stands for
    /// [`PROPAGATION`].
    pub consistency: Option<Duration>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No region is known.
    #[error("no region is set")]
    NoRegion,
    /// AWS does not say who we are.
    #[error("the account cannot be determined: {0}")]
    NoIdentity(#[source] CallError),
}

/// The least that [`Aws::patience`] is.
const LEAST_PATIENCE: Duration = Duration::from_secs(60);

/// The clients of one account and one region.
#[derive(Debug, Clone)]
pub struct Aws {
    /// EC2, which VPCs are a part of.
    pub ec2: aws_sdk_ec2::Client,
    /// S3.
    pub s3: aws_sdk_s3::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// Route 53.
    pub route53: aws_sdk_route53::Client,
    /// Systems Manager, for public parameters.
    pub ssm: aws_sdk_ssm::Client,
    /// Service Quotas, for the account's limits.
    pub service_quotas: aws_sdk_servicequotas::Client,
    sts: aws_sdk_sts::Client,
    region: String,
    consistency: Duration,
    reach: String,
    fence: Fence,
}

/// A client of a service that goes by our rules: which calls are sent again
/// ([`Attempts`]), how fast they go ([`Turnstile`]) and whether they may ([`Fence`]), without the SDK's quota of
/// retries. (Each service of the SDK has types of its own, which no generic
/// function fits.)
macro_rules! client {
    ($service:ident, $config:expr, $pacer:expr, $fence:expr) => {
        client!($service, $config, $pacer, $fence, |builder| builder)
    };
    ($service:ident, $config:expr, $pacer:expr, $fence:expr, $more:expr) => {{
        use $service::config::retry::{RetryPartition, TokenBucket};
        use $service::config::{Builder, Config};
        let more: fn(Builder) -> Builder = $more;
        let partition = RetryPartition::custom(stringify!($service));
        let unlimited = partition.token_bucket(TokenBucket::unlimited()).build();
        let attempts = Attempts {
            pacer: $pacer.clone(),
            fence: $fence.clone(),
        };
        let config: Config = more(Builder::from($config))
            .retry_partition(unlimited)
            .interceptor(attempts)
            .retry_classifier($fence.clone())
            .identity_cache(Turnstile::new($pacer.clone(), $fence.clone()))
            .build();
        $service::Client::from_conf(config)
    }};
}

impl Aws {
    /// Builds the clients; makes no call to AWS (a credential provider may).
    ///
    /// # Errors
    /// [`ConnectError::NoRegion`] where neither the connection nor the usual
    /// chain of AWS tools names a region.
    pub async fn connect(connection: &Connection) -> Result<Self, ConnectError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_max_backoff(Duration::from_secs(20)),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(Duration::from_secs(60))
                    .build(),
            );
        if let Some(region) = &connection.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &connection.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &connection.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(account) = &connection.local_account {
            loader = loader
                .credentials_provider(Credentials::new(account, "local", None, None, "local"));
        }
        let config = loader.load().await;
        let region = config
            .region()
            .map(ToString::to_string)
            .ok_or(ConnectError::NoRegion)?;
        let consistency = connection.consistency.unwrap_or(PROPAGATION);
        let mut aws = Self::of(&config, region, consistency);
        if let Some(profile) = &connection.profile {
            aws.reach
                .push_str(&format!(" --profile {}", quoted(profile)));
        }
        Ok(aws)
    }

    /// Clients that reach nothing: every call fails at once, on this machine.
    /// For kinds that make no AWS calls, such as those that prove the engine.
    #[must_use]
    pub fn offline(region: &str) -> Self {
        let nobody = Credentials::new("offline", "offline", None, None, "offline");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(nobody))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Nowhere)))
            .build();
        Self::of(&config, region.to_owned(), Duration::ZERO)
    }

    fn of(config: &SdkConfig, region: String, consistency: Duration) -> Self {
        let pacer = Arc::new(Pacer::new());
        let fence = Fence::default();
        // A custom endpoint has no wildcard DNS name, so buckets go in the path.
        let s3 = match config.endpoint_url().is_some() {
            true => client!(aws_sdk_s3, config, pacer, fence, |it| it
                .force_path_style(true)),
            false => client!(aws_sdk_s3, config, pacer, fence),
        };
        let mut reach = format!("--region {}", quoted(&region));
        if let Some(url) = config.endpoint_url() {
            reach.push_str(&format!(" --endpoint-url {}", quoted(url)));
        }
        Self {
            ec2: client!(aws_sdk_ec2, config, pacer, fence),
            s3,
            iam: client!(aws_sdk_iam, config, pacer, fence),
            route53: client!(aws_sdk_route53, config, pacer, fence),
            ssm: client!(aws_sdk_ssm, config, pacer, fence),
            service_quotas: client!(aws_sdk_servicequotas, config, pacer, fence),
            sts: client!(aws_sdk_sts, config, pacer, fence),
            region,
            consistency,
            reach,
            fence,
        }
    }

    /// The AWS CLI's options that lead to where these clients call, for the
    /// commands that a user is told.
    #[must_use]
    pub fn reach(&self) -> &str {
        &self.reach
    }

    /// What holds calls back that would change something.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// How long AWS may take to show what it has just made: an object that is
    /// not seen after that time does not exist.
    #[must_use]
    pub fn consistency(&self) -> Duration {
        self.consistency
    }

    /// How long to wait for AWS to show what is certainly there: a wait that
    /// ends as soon as it is seen, so it is never shorter than a minute.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.consistency.max(LEAST_PATIENCE)
    }

    /// Asks AWS which account the credentials belong to.
    ///
    /// # Errors
    /// [`ConnectError::NoIdentity`] with AWS's answer.
    pub async fn place(&self) -> Result<Place, ConnectError> {
        let caller = self.caller().await?;
        Ok(self.place_of(&caller))
    }

    /// Asks AWS whose the credentials are.
    ///
    /// # Errors
    /// [`ConnectError::NoIdentity`] with AWS's answer.
    pub async fn caller(&self) -> Result<Caller, ConnectError> {
        let identity = self
            .sts
            .get_caller_identity()
            .send()
            .await
            .map_err(on("GetCallerIdentity"))
            .map_err(ConnectError::NoIdentity)?;
        let account = identity
            .account()
            .ok_or_else(|| CallError::internal("GetCallerIdentity gave no account"))
            .map_err(ConnectError::NoIdentity)?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Caller {
            account: account.to_owned(),
            arn: text(identity.arn()),
            user_id: text(identity.user_id()),
        })
    }

    /// Where these clients build for a caller.
    #[must_use]
    pub fn place_of(&self, caller: &Caller) -> Place {
        Place {
            account: caller.account.clone(),
            region: self.region.clone(),
        }
    }
}

/// A connector that no request leaves by.
#[derive(Debug)]
struct Nowhere;

impl HttpConnector for Nowhere {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user("this client is offline".into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_offline_client_answers_at_once_and_says_why() {
        let Err(ConnectError::NoIdentity(error)) = Aws::offline("eu-west-1").place().await else {
            panic!("nobody can have answered");
        };
        assert!(
            matches!(error, CallError::NoAnswer { sent: false, .. }),
            "{error}"
        );
    }
}
