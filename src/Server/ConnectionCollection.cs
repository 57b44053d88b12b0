using System.Collections;

namespace RawSocketChat;

/// <summary>
/// The connections of a server, exactly those that are there. Walked without a lock and without a copy: a walk sees every member that is
/// there from its beginning to its end, and may or may not see one that comes or goes meanwhile.
/// </summary>
public sealed class ConnectionCollection : IReadOnlyCollection<WebSocketConnection>
{
    private readonly Lock _gate = new();
    private readonly Stack<int> _freeSlots = new();

    // A member keeps its slot as long as it is there; a larger array replaces a full one. Behind _used there is nothing.
    private WebSocketConnection?[] _slots = new WebSocketConnection?[16];
    private int _used;
    private int _count;

    internal ConnectionCollection()
    {
    }

    /// <summary>How many connections there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Walks the list. Does not allocate.</summary>
    /// <returns>The walk.</returns>
    public Enumerator GetEnumerator() => new(Volatile.Read(ref _slots), Volatile.Read(ref _used));

    IEnumerator<WebSocketConnection> IEnumerable<WebSocketConnection>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds a connection that is not there.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="slot">Where it is: for <see cref="Remove"/>.</param>
    /// <returns>How many there are now.</returns>
    internal int Add(WebSocketConnection connection, out int slot)
    {
        lock (_gate)
        {
            if (!_freeSlots.TryPop(out slot))
            {
                slot = _used;
                if (slot == _slots.Length)
                {
                    var larger = new WebSocketConnection?[2 * slot];
                    _slots.CopyTo(larger, 0);
                    Volatile.Write(ref _slots, larger);
                }

                Volatile.Write(ref _used, slot + 1);
            }

            Volatile.Write(ref _slots[slot], connection);
            return ++_count;
        }
    }

    /// <summary>Removes the connection in a slot.</summary>
    /// <returns>How many there are now.</returns>
    internal int Remove(int slot)
    {
        lock (_gate)
        {
            Volatile.Write(ref _slots[slot], null);
            _freeSlots.Push(slot);
            return --_count;
        }
    }

    /// <summary>A walk over the list.</summary>
    public struct Enumerator : IEnumerator<WebSocketConnection>
    {
        private readonly WebSocketConnection?[] _slots;
        private readonly int _end;
        private int _next;

        internal Enumerator(WebSocketConnection?[] slots, int used)
        {
            _slots = slots;
            _end = Math.Min(used, slots.Length);
            Current = null!;
        }

        /// <summary>The connection.</summary>
        public WebSocketConnection Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next connection.</summary>
        /// <returns>False where there is none.</returns>
        public bool MoveNext()
        {
            while (_next < _end)
            {
                if (Volatile.Read(ref _slots[_next++]) is { } connection)
                {
                    Current = connection;
                    return true;
                }
            }

            return false;
        }

        /// <summary>Starts again.</summary>
        public void Reset() => _next = 0;

        /// <summary>Nothing to do.</summary>
        public readonly void Dispose()
        {
        }
    }
}
