/** An expression that is none, or one that has no value. Its message is for the author of the expression. */
export class ExpressionError extends Error {
  override readonly name: string = "ExpressionError";
}
