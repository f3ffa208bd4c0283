import com.sitq.client.ConnectOptions;
import com.sitq.client.SitqClient;
import com.sitq.client.TaskContext;
import com.sitq.client.Terminal;
import com.sitq.client.Worker;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.sitq.v1.Event;
import com.sitq.v1.EventServiceGrpc;
import com.sitq.v1.Payload;
import com.sitq.v1.PublishRequest;
import java.util.concurrent.TimeUnit;

/** The shop's payment in Java: java Payment.java INSTANCE. It finds the server by SITQ_ADDRESS. */
public final class Payment {
  /** What a customer pays, and is paid back. */
  record Charge(String orderId, String customer, long cents) {}

  record Invoice(String invoice) {}

  /** One charge in this many fails at first, like a payment provider that does not answer. */
  private static final int FAILS_ONE_IN = 10;

  /** One customer in this many has no money. */
  private static final int DECLINES_ONE_IN = 25;

  private final EventServiceGrpc.EventServiceBlockingStub events;

  private Payment(SitqClient client) {
    events = EventServiceGrpc.newBlockingStub(client.channel());
  }

  public static void main(String[] args) throws Exception {
    SitqClient client = SitqClient.connect(new ConnectOptions().service("payment"));
    Payment payment = new Payment(client);
    Worker worker = client.worker("payment")
        .id(args[0])
        .capacity(8)
        .handle("charge", Charge.class, payment::charge)
        .handle("refund", Charge.class, payment::refund)
        .handle("payment.processed", Object.class, (input, context) -> work())
        .onConnect(() -> System.out.println("ready"))
        .stopOnShutdown()
        .start();
    worker.done().join();
    client.close();
  }

  private Invoice charge(Charge charge, TaskContext context) throws InterruptedException {
    work();
    int number = Integer.parseInt(charge.orderId().replaceAll("\\D", ""));
    if (number % DECLINES_ONE_IN == 7) throw new Terminal("the card was declined");
    if (number % FAILS_ONE_IN == 3 && context.attempt() == 1) {
      throw new IllegalStateException("the payment provider did not answer");
    }
    String invoice = "invoice-" + charge.orderId();
    publish(charge, context, "charged", invoice, charge.cents());
    return new Invoice(invoice);
  }

  private Object refund(Charge charge, TaskContext context) throws InterruptedException {
    work();
    publish(charge, context, "refunded", "credit-" + charge.orderId(), -charge.cents());
    return null;
  }

  /** By the contract's own call. A second attempt publishes the same event. */
  private void publish(Charge charge, TaskContext context, String what, String invoice, long cents) {
    Struct data = Struct.newBuilder()
        .putFields("orderId", Value.newBuilder().setStringValue(charge.orderId()).build())
        .putFields("invoice", Value.newBuilder().setStringValue(invoice).build())
        .putFields("cents", Value.newBuilder().setNumberValue(cents).build())
        .build();
    Event event = Event.newBuilder()
        .setId(context.taskId() + "-" + what)
        .setType("payment.processed")
        .setSourceService("payment")
        .setSubject(charge.orderId())
        .setCorrelationId(context.task().getCorrelationId())
        .setCausationId(context.taskId())
        .setData(Payload.newBuilder().setJson(Value.newBuilder().setStructValue(data)))
        .build();
    events.withDeadlineAfter(10, TimeUnit.SECONDS).publish(PublishRequest.newBuilder().setEvent(event).build());
  }

  /** The work of one task takes a few milliseconds, like a call to a database. */
  private static Object work() throws InterruptedException {
    Thread.sleep(5);
    return null;
  }
}
