// The door of capacity: what others advertise.
export * from "./capacity-book.ts";
