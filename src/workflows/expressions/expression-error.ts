/** An expression that is none, or one that has no value. Its message is for whoever wrote the expression. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}
