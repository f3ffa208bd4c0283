import { CallError, connect, createProducer } from "sitq/client";
import type { Secured } from "./security.ts";
import { refund } from "./shop.ts";

const charge = { orderId: "order-0001", customer: "C-0001", cents: 1_000_000 };

/** Tries what no service of the shop may do, and prints what the server answers. @throws Error if it is allowed */
export async function printRefusals(address: string, { identityOf }: Secured): Promise<void> {
  const [shipping, payment] = [identityOf("shipping"), identityOf("payment")];
  const attempts = [
    ["shipping asks for a refund", shipping],
    ["shipping does it with the token of payment", { ...shipping, tokenFile: payment.tokenFile }],
  ] as const;
  for (const [what, identity] of attempts) {
    const client = connect({ address, ...identity });
    const producer = createProducer(client);
    try {
      await producer.enqueue(refund, charge);
      throw new Error(`it was allowed: ${what}`);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      console.log(`Refused: ${what}: ${error.codeName}, ${error.reason}: ${error.message}`);
    } finally {
      await producer.close();
      client.close();
    }
  }
}
