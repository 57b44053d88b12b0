using System.Net;

namespace RawSocketChat;

/// <summary>
/// Counts the handshakes under way, in all and for each address, so that a flood of half-open connections is bounded.
/// </summary>
internal sealed class HandshakeSlots(int most, int mostPerAddress)
{
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Lock _gate = new();
    private int _count;

    /// <summary>How many are under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Takes a slot.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryTake(IPAddress address)
    {
        lock (_gate)
        {
            var ofAddress = _perAddress.GetValueOrDefault(address);
            if (_count >= most || ofAddress >= mostPerAddress)
            {
                return false;
            }

            _count++;
            _perAddress[address] = ofAddress + 1;
            return true;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Release(IPAddress address)
    {
        lock (_gate)
        {
            _count--;
            if (--_perAddress[address] == 0)
            {
                _perAddress.Remove(address);
            }
        }
    }
}
