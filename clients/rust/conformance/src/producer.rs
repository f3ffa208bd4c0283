use serde_json::json;
use sitq::{Client, NewTask, ProducerOptions as Sending};

use crate::{arguments::ProducerOptions, code_name, say};

/// Enqueues the tasks, all at once.
pub async fn run(options: ProducerOptions) -> u8 {
    let client = match Client::connect(options.connect) {
        Ok(client) => client,
        Err(error) => {
            eprintln!("{error}");
            return 1;
        }
    };
    let producer = client.producer_with(Sending { retry_timeout: options.deadline, ..Sending::default() });
    let tasks: Vec<_> = (0..options.count)
        .map(|n| {
            let (producer, queue) = (producer.clone(), options.queue.clone());
            tokio::spawn(async move {
                let task = match NewTask::json(queue, "echo", &json!({ "n": n })) {
                    Ok(task) => task,
                    Err(error) => return Err(error.to_string()),
                };
                match producer.enqueue(task).await {
                    Ok(enqueued) => {
                        say(json!({"event": "enqueued", "n": n, "task": enqueued.id, "created": enqueued.created}));
                        Ok(())
                    }
                    Err(error) => {
                        let reason = Some(&error.reason).filter(|reason| !reason.is_empty());
                        say(json!({
                            "event": "failed",
                            "n": n,
                            "code": code_name(error.code),
                            "reason": reason,
                            "field": error.field(),
                            "retry_after": error.retry_after.map(|delay| delay.as_secs_f64()),
                            "message": error.message,
                        }));
                        Err(error.to_string())
                    }
                }
            })
        })
        .collect();
    let mut code = 0;
    for task in tasks {
        if !matches!(task.await, Ok(Ok(()))) {
            code = 1;
        }
    }
    code
}
