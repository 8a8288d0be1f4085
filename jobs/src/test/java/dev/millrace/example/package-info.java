/** Examples that the README shows, compiled and run. */
package dev.millrace.example;
