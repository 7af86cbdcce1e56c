// Nominal types: two things with one representation that must not be mixed up (an asset id is not an account id).
declare const brand: unique symbol;

export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
