//! The services that people name by their short names.
//!
//! AWS adds services every month; one that is missing here is named by its whole
//! name, `com.amazonaws.<region>.<service>`.

/// Short names of services that interface or gateway endpoints lead to (AWS
/// `PrivateLink` guide, "AWS services that integrate with AWS `PrivateLink`").
pub const KNOWN: &[&str] = &[
    "acm-pca",
    "application-autoscaling",
    "athena",
    "autoscaling",
    "backup",
    "bedrock-runtime",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codepipeline",
    "config",
    "datasync",
    "dynamodb",
    "ebs",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "execute-api",
    "git-codecommit",
    "glue",
    "guardduty-data",
    "imagebuilder",
    "inspector2",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "redshift",
    "s3",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "servicecatalog",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "storagegateway",
    "sts",
    "synthetics",
    "transfer",
    "xray",
];

/// Whether a text is such a short name.
#[must_use]
pub fn is_known(text: &str) -> bool {
    KNOWN.contains(&text)
}
