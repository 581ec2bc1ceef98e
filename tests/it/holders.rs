//! A delete that AWS refuses says who stands in the way.

use crate::lab::{Lab, leftovers};

#[tokio::test]
async fn a_strangers_instance_in_our_subnet_is_named_and_left_alone() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"held\"\nregion = \"ap-northeast-1\"\n\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
         [subnet.private]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n",
    );
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let subnets = aws.ec2.describe_subnets().send().await.unwrap();
    let subnet = subnets.subnets().iter().find(|s| !s.tags().is_empty());
    let images = aws.ec2.describe_images().send().await.unwrap();
    let started = aws
        .ec2
        .run_instances()
        .image_id(images.images()[0].image_id().unwrap())
        .subnet_id(subnet.unwrap().subnet_id().unwrap())
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let stranger = started.instances()[0].instance_id().unwrap();

    let ran = lab.destroy().exits(1);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "subnet.private",
        "DependencyViolation",
        "network interface",
        stranger,
    ] {
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
    assert!(leftovers(&aws).await.iter().any(|id| id == stranger));

    // When the stranger has gone, the next run goes on.
    let request = aws.ec2.terminate_instances().instance_ids(stranger);
    request.send().await.unwrap();
    lab.destroy().exits(0);
    let left = leftovers(&aws).await;
    assert!(left.is_empty(), "{left:?}");
}
