using System.Buffers;

namespace RawSocketChat.Connection.Tests;

/// <summary>The reserve beside the shared pool, which keeps some 32 arrays of a size for each processor.</summary>
public sealed class ReservingBuffers
{
    private const int Length = 16 * 1024;

    [Test]
    public void Is_what_connections_have_by_themselves() =>
        new WebSocketConnectionOptions().BufferPool.Should().BeOfType<BufferReserve>();

    [Test]
    public void What_many_connections_gave_back_many_connections_get([Values(Length - 100, Length)] int minimumLength)
    {
        var reserve = new BufferReserve();
        var first = RentMany(reserve, minimumLength);
        ReturnAll(reserve, first);

        var second = RentMany(reserve, minimumLength);

        first.ToHashSet().SetEquals(second).Should().BeTrue("they are the same arrays");
        reserve.Bytes.Should().Be(0);
    }

    [Test]
    public void Arrays_are_as_long_as_was_asked_for([Values(0, 1, 4096, 4097, 8192, 8193, 65_537, 1 << 20, (1 << 20) + 1)] int length)
    {
        var reserve = new BufferReserve();
        for (var i = 0; i < 3; i++)
        {
            var array = reserve.Rent(length);
            array.Length.Should().BeGreaterThanOrEqualTo(length);
            reserve.Return(array);
        }
    }

    [Test]
    public void No_array_is_given_to_two()
    {
        var reserve = new BufferReserve();
        ReturnAll(reserve, RentMany(reserve, Length));

        RentMany(reserve, Length).ToHashSet().Should().HaveCount(100);
    }

    [Test]
    public void Not_more_is_kept_than_the_bound()
    {
        var reserve = new BufferReserve();
        ReturnAll(reserve, [.. Enumerable.Range(0, 20).Select(_ => reserve.Rent(1 << 20))]);

        reserve.Bytes.Should().Be(BufferReserve.MostBytes);
    }

    [Test]
    public void What_nobody_has_needed_since_the_last_time_is_let_go()
    {
        var reserve = new BufferReserve();
        ReturnAll(reserve, RentMany(reserve, Length));
        reserve.Trim();
        reserve.Bytes.Should().Be(100 * Length, "they were in use a moment ago");

        ReturnAll(reserve, [reserve.Rent(Length), reserve.Rent(Length)]);
        reserve.Trim();
        reserve.Bytes.Should().Be(2 * Length, "no more than two were needed at a time");

        reserve.Trim();
        reserve.Bytes.Should().Be(0);
    }

    [Test]
    public void A_collection_of_garbage_lets_go_of_what_is_not_needed()
    {
        ReturnAll(BufferReserve.OfProcess, RentMany(BufferReserve.OfProcess, 1 << 20, count: 8));

        // Other tests rent and return meanwhile; but not that much.
        for (var i = 0; i < 10 && BufferReserve.OfProcess.Bytes > 6 << 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        BufferReserve.OfProcess.Bytes.Should().BeLessThanOrEqualTo(6 << 20);
    }

    [Test]
    public void What_is_to_be_cleared_is()
    {
        var reserve = new BufferReserve();
        var array = reserve.Rent(Length);
        array.AsSpan().Fill(1);

        reserve.Return(array, clearArray: true);

        reserve.Rent(Length).Should().BeSameAs(array).And.OnlyContain(static value => value == 0);
    }

    [Test]
    public void An_array_that_no_pool_has_made_is_refused() =>
        FluentActions.Invoking(static () => new BufferReserve().Return(new byte[10_000])).Should().Throw<ArgumentException>();

    private static byte[][] RentMany(ArrayPool<byte> pool, int length, int count = 100) =>
        [.. Enumerable.Range(0, count).Select(_ => pool.Rent(length))];

    private static void ReturnAll(ArrayPool<byte> pool, byte[][] arrays)
    {
        foreach (var array in arrays)
        {
            pool.Return(array);
        }
    }
}
