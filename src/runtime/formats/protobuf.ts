import protobuf from 'protobufjs/light.js';

/** A field as protobufjs describes it: its number, its type, and `repeated` for a list. */
export interface ProtobufField {
  readonly id: number;
  readonly type: string;
  readonly rule?: 'repeated';
  /** Type of a map's keys; makes the field a map. */
  readonly keyType?: string;
}

/** The fields of a file's messages, by message and name; unused fields may be omitted. */
export type ProtobufMessages = Readonly<Record<string, Readonly<Record<string, ProtobufField>>>>;

/**
 * Encoders of the given messages. Numbers of 64 bits are taken as JavaScript's, up to 2⁵³.
 * @returns what makes bytes of a message, by the message's name
 */
export function protobufEncoder(messages: ProtobufMessages): (message: string, value: object) => Uint8Array {
  const nested = Object.entries(messages).map(([name, fields]) => [name, { fields }]);
  const root = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) });
  return (message, value) => {
    const type = root.lookupType(message);
    const problem = type.verify(value);
    if (problem !== null) throw new RangeError(`${message}: ${problem}`);
    return type.encode(value).finish();
  };
}
