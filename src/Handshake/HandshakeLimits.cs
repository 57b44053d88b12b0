namespace RawSocketChat.Handshake;

/// <summary>The bounds on what is read of a request's head. Checked when set.</summary>
public sealed class HandshakeLimits
{
    /// <summary>The longest request line or field line in bytes, its CRLF included. 64 to 65,535; default 8,192.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of bounds.</exception>
    public int MaxLineLength
    {
        get;
        init => field = Check(value, 64, ushort.MaxValue, nameof(MaxLineLength));
    }
    = 8192;

    /// <summary>The most field lines. 4 to 65,535; default 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of bounds.</exception>
    public int MaxHeaderCount
    {
        get;
        init => field = Check(value, 4, ushort.MaxValue, nameof(MaxHeaderCount));
    }
    = 100;

    /// <summary>The longest head in bytes, all its lines together. 256 to 65,535; default 16,384.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of bounds.</exception>
    public int MaxTotalSize
    {
        get;
        init => field = Check(value, 256, ushort.MaxValue, nameof(MaxTotalSize));
    }
    = 16384;

    private static int Check(int value, int lowest, int highest, string name) =>
        value >= lowest && value <= highest
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {lowest} to {highest}.");
}
