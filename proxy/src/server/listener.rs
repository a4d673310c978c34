//! Listening sockets. The data port has one a worker, between which the kernel spreads connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// Whether others may listen on the same port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Shared,
    Own,
}

/// Sockets for `count` workers. Port 0 takes a free port, the same for all.
pub(super) fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    let first = either(address, Port::Shared)?;
    let bound = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..count {
        listeners.push(listen(bound, Port::Shared)?);
    }
    Ok(listeners)
}

/// A socket of its own. Port 0 takes a free port.
pub(crate) fn alone(address: SocketAddr) -> io::Result<TcpListener> {
    either(address, Port::Own)
}

/// Listens on `[::]`, which is all addresses of both families, as far as the machine has them: a pod knows before it
/// starts neither which families its cluster has nor whether its node has switched one off.
fn either(address: SocketAddr, port: Port) -> io::Result<TcpListener> {
    match listen(address, port) {
        Err(error) if is_any_v6(address) && lacks_v6(&error) => {
            listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())), port)
        }
        bound => bound,
    }
}

fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

/// Built without IPv6, or with `net.ipv6.conf.all.disable_ipv6`.
fn lacks_v6(error: &io::Error) -> bool {
    /// `errno` of "address family not supported by protocol" on Linux.
    const EAFNOSUPPORT: i32 = 97;
    error.raw_os_error() == Some(EAFNOSUPPORT) || error.kind() == io::ErrorKind::AddrNotAvailable
}

fn listen(address: SocketAddr, port: Port) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if port == Port::Shared {
        socket.set_reuse_port(true)?;
    }
    if is_any_v6(address) {
        // Both families, whatever `net.ipv6.bindv6only` says.
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, TcpStream};

    use super::*;

    #[test]
    fn all_addresses_of_both_families_are_listened_on() {
        let listener = alone((Ipv6Addr::UNSPECIFIED, 0).into()).unwrap();
        let bound = listener.local_addr().unwrap();
        TcpStream::connect((Ipv4Addr::LOCALHOST, bound.port())).unwrap();
        if bound.is_ipv6() {
            TcpStream::connect((Ipv6Addr::LOCALHOST, bound.port())).unwrap();
        }
    }

    #[test]
    fn a_port_of_its_own_is_shared_with_nobody() {
        let listener = alone((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let error = alone(listener.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn only_a_machine_without_ipv6_is_asked_for_less() {
        let check = |code: i32, expected: bool| assert_eq!(lacks_v6(&io::Error::from_raw_os_error(code)), expected);
        check(97, true);
        check(99, true);
        check(98, false);
        check(13, false);
    }
}
