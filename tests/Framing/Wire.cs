using System.Globalization;

namespace RawSocketChat.Framing.Tests;

/// <summary>Header bytes put together by hand, independently of the code under test.</summary>
internal static class Wire
{
    /// <summary>The masking key of the examples in RFC 6455 §5.7.</summary>
    public static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>Bytes written as hexadecimal digits, with blanks where they help the eye.</summary>
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A header with its length in the form that <paramref name="lengthBytes"/> (0, 2 or 8) names, minimal or not.</summary>
    public static byte[] Header(byte first, bool masked, ulong length, int lengthBytes)
    {
        var code = lengthBytes switch { 0 => (byte)length, 2 => (byte)126, _ => (byte)127 };
        var digits = length.ToString("X16", CultureInfo.InvariantCulture);
        return
        [
            first,
            (byte)(code + (masked ? 128 : 0)),
            .. Convert.FromHexString(digits[(16 - (2 * lengthBytes))..]),
            .. masked ? Key : [],
        ];
    }

    /// <summary>A header with its length in the shortest form.</summary>
    public static byte[] Header(byte first, bool masked, ulong length) => Header(first, masked, length, ShortestForm(length));

    /// <summary>How many bytes of extended length the shortest form has: 0, 2 or 8.</summary>
    public static int ShortestForm(ulong length) => length <= 125 ? 0 : length <= 65535 ? 2 : 8;

    /// <summary>Whether a receiver must see its peer's frames masked.</summary>
    public static bool MasksTowards(EndpointRole receiver) => receiver == EndpointRole.Server;

    /// <summary>The four bytes as a header keeps them: in wire order in memory.</summary>
    public static uint KeyOf(byte[] bytes) => BitConverter.ToUInt32(bytes);
}
