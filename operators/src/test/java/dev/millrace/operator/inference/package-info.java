/** Tests of the operator, and the fakes that jobs' tests share: start at {@code TestingEngine}. */
package dev.millrace.operator.inference;
